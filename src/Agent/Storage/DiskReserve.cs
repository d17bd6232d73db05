namespace Fleet.Agent.Storage;

/// <summary>
/// Space that is held back so that a full disk can still take the results of runs in flight: given up when a write fails,
/// taken again when there is room.
/// </summary>
internal sealed class DiskReserve(string path, long sizeBytes)
{
    /// <summary>True if the space is held.</summary>
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

    /// <summary>True if a write of ordinary size fits beside the reserve.</summary>
    public bool HasRoom()
    {
        const int ProbeBytes = 256 * 1024;
        var probe = path + ".probe";
        try
        {
            using (File.OpenHandle(probe, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose, ProbeBytes))
            {
            }

            return true;
        }
        catch (IOException)
        {
            try
            {
                File.Delete(probe);
            }
            catch (IOException)
            {
                // It was never made.
            }

            return false;
        }
    }

    /// <summary>Gives the space up. True if there was some.</summary>
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
