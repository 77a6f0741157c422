"""The numbers and conclusions of the paper, set beside what this run computes, section by section."""
