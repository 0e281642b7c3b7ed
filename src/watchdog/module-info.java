/** The watchdog as a module, so that a runtime image can be linked of it and of what it needs of the JDK: the base. */
module dev.caravan.watchdog {}
