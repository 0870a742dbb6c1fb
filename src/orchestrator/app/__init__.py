"""The only place that knows every part: it joins them and opens one door."""
