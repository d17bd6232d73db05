namespace Fleet.Coordinator.Storage;

/// <summary>Another coordinator owns the database. Nothing that this one would write is stored any more.</summary>
internal sealed class OwnerLostException(string message) : StoreException(message);
