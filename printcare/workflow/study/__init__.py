"""The research workbench: experiments, forecasts, rheology, ink studies, data for learning."""
