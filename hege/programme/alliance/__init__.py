"""The alliance of the programme (联盟): its units and what each brings, stations for riders, what riders find at a gate."""
