LC_ALL=C TZ=UTC lvconvert --merge vg/small
