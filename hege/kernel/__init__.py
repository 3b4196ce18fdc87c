"""What every package may use and nothing owns: money, clock, calendar rules, refusals. No models."""
