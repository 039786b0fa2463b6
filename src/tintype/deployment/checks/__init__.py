"""What is checked before a deployment, one subject in each module."""
