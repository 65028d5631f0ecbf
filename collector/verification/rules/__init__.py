"""What an observation must show for a case to pass: pure, one file a rule."""
