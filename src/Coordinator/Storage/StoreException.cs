namespace Fleet.Coordinator.Storage;

/// <summary>The store cannot be opened or used; the message says what to do, for an administrator.</summary>
internal class StoreException(string message, Exception? innerException = null) : Exception(message, innerException);
