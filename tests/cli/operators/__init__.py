"""Commands of a stack's operator, who has AWS credentials and does not sign in."""
