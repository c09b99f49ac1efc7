// hwloc asks libudev for the model names of disks. Debian has no static libudev, and this program never asks
// for disks, so that a static build answers the five calls with "there is none". hwloc then looks no further.
// A build with shared libraries does not use this file.
struct udev;
struct udev_device;

extern "C" {
udev* udev_new() {
  return nullptr;
}
udev* udev_unref(udev*) {
  return nullptr;
}
udev_device* udev_device_new_from_subsystem_sysname(udev*, const char*, const char*) {
  return nullptr;
}
const char* udev_device_get_property_value(udev_device*, const char*) {
  return nullptr;
}
udev_device* udev_device_unref(udev_device*) {
  return nullptr;
}
}
