"""Pure tensor to tensor signal processing. Import from the file that holds the idea."""
