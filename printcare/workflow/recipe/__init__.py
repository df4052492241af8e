"""Recipes, dosing rules and supplier bundles: who moved them where, and whether an approval still covers them."""
