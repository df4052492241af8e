"""What must be current at a site: equipment, upkeep, training, cleaning, rooms, the balance."""
