// whether the claim `r` had been made by a moment, whatever ended it
r.knownFrom <= $known AND r.validFrom <= $valid
