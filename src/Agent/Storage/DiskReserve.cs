namespace Fleet.Agent.Storage;

/// <summary>
/// Space that is held back so that a full disk can still take the results of runs in flight: given up when a write fails,
/// taken again when there is room.
/// </summary>
internal sealed class DiskReserve(string path, long sizeBytes)
{
    /// <summary>True: the space is held.</summary>
    public bool Held { get; private set; }

    /// <summary>Tries to hold the space. No error: the caller asks <see cref="Held"/>.</summary>
    public void Take()
    {
        if (Held)
        {
            return;
        }

        try
        {
            File.Delete(path);
            using (File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, sizeBytes))
            {
            }

            Held = true;
        }
        catch (IOException)
        {
            Drop();
        }
    }

    /// <summary>Gives the space up. True: there was some.</summary>
    public bool Release()
    {
        var held = Held;
        Drop();
        return held;
    }

    private void Drop()
    {
        Held = false;
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // Nothing was gained; the caller's next write fails and says why.
        }
    }
}
