LC_ALL=C TZ=UTC lvremove -y --select lv_uuid=sNentr-6UPj-YUaq-gotQ-JJxa-x3xt-ONH501 vg/removed
