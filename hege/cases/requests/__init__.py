"""What one person asks for about a case or a task, and another decides."""
