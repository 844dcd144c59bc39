"""What is measured of a recording while it goes by once: one file a measure, each in constant memory."""
