"""What a template defines around its functions on Managed Instances, as a picture."""
