"""What the built-in model is made of: reading a text, ranking what it says, and finding what a schema asks for."""
