// Knows nothing of heed: loads the plug-in that is named on the command line.
#include <dlfcn.h>

#include <cstdio>

int main(int count, char** arguments) {
  void* plugin = count > 1 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
  const auto train = plugin ? reinterpret_cast<int (*)()>(dlsym(plugin, "train")) : nullptr;
  if (train) return train();
  std::fprintf(stderr, "%s\n", dlerror());
  return 2;
}
