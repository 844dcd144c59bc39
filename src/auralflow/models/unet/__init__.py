"""The U-Net family: one configuration, one network a file."""
