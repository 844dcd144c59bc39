"""Any U-Net that can be written as lists of layers: its keys. The network itself is in `auralflow.models.build`."""
