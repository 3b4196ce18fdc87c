"""What the utility will be owed at the end of the next periods (预测), and how far such a word was off before."""
