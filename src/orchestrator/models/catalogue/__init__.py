"""What is known of models before they are asked: abilities, context, prices, speed, quality."""
