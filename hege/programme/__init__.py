"""The warm-bee programme (四季暖“蜂”行动): what a street does in a year for couriers, riders and drivers, and with whom."""
