// A static link needs all that hwloc's archive names, and Debian has no static libudev. hwloc asks udev about
// disks alone, which are filtered out here, and takes "no udev" for an answer.
#ifdef MS_STATIC

extern "C" {

struct udev;
struct udev_device;

udev* udev_new();
udev* udev_unref(udev*);
udev_device* udev_device_new_from_subsystem_sysname(udev*, const char*, const char*);
const char* udev_device_get_property_value(udev_device*, const char*);
udev_device* udev_device_unref(udev_device*);

udev* udev_new() {
  return nullptr;
}
udev* udev_unref(udev* /*context*/) {
  return nullptr;
}
udev_device* udev_device_new_from_subsystem_sysname(udev* /*context*/, const char* /*subsystem*/,
                                                    const char* /*name*/) {
  return nullptr;
}
const char* udev_device_get_property_value(udev_device* /*device*/, const char* /*key*/) {
  return nullptr;
}
udev_device* udev_device_unref(udev_device* /*device*/) {
  return nullptr;
}

}  // extern "C"

#endif
