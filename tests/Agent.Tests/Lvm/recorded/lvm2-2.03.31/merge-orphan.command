LC_ALL=C TZ=UTC lvconvert -y --merge vg/vol.safety
