"""What members notice and report, who it was, and the rounds in which they get points for it (随手报)."""
