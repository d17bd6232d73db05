LC_ALL=C TZ=UTC lvchange -an --select lv_uuid=QRCpKO-467l-jGVe-zufW-8BAb-Ykpx-0uAKRb vg/vol.fleet_nightly_20261120T205500Z
