"""The template that `taskferry plugin new` makes a plugin from; it lies in the folder `provider`."""
