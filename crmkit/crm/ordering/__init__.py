"""What happens to an order: buying, shipping, returns, notices, points."""
