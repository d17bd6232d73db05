LC_ALL=C TZ=UTC lvchange -an vg/vol
