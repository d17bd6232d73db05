LC_ALL=C TZ=UTC lvchange -ay vg/vol
