"""A built site onto the branch that GitHub Pages serves."""
