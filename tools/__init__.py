"""What developers run beside the product: set-up, benchmarks, faults on purpose."""
