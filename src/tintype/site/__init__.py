"""The web app's files: built from `web/` with Node from PyPI, and published to the site bucket."""
