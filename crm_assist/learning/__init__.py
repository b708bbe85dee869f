"""Step 8 of 8: targets, data sets, fitting and evaluation; scikit-learn lives only here."""
