using Microsoft.Win32.SafeHandles;

namespace Fleet.Agent.Metrics;

/// <summary>
/// A file of /proc or /sys that is read again and again: it stays open (a read from offset 0 makes the kernel render it again,
/// see proc(5)) and the buffer is kept. Not thread-safe: one collector, one reader.
/// </summary>
internal sealed class ProcFile(string path) : IDisposable
{
    /// <summary>Longer content is refused: nothing that a collector reads comes near it.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private byte[] _buffer = new byte[2048];
    private SafeFileHandle? _handle;

    public string Path => path;

    /// <summary>The content. Valid until the next call.</summary>
    /// <exception cref="IOException">It cannot be read, or is longer than <see cref="MaxBytes"/>.</exception>
    public ReadOnlySpan<byte> Read()
    {
        try
        {
            _handle ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return ReadAll(_handle);
        }
        catch (IOException)
        {
            // A device that went away and came back has a new file behind the same name.
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }

    private ReadOnlySpan<byte> ReadAll(SafeFileHandle handle)
    {
        var length = 0;
        while (true)
        {
            var read = RandomAccess.Read(handle, _buffer.AsSpan(length), length);
            if (read == 0)
            {
                return _buffer.AsSpan(0, length);
            }

            length += read;
            if (length == _buffer.Length)
            {
                if (length >= MaxBytes)
                {
                    throw new IOException($"{path} is longer than {MaxBytes} bytes");
                }

                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 4, MaxBytes));
            }
        }
    }
}
