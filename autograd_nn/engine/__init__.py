"""What makes Tensors record and differentiate."""
