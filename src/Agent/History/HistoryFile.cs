using Fleet.Agent.Storage;
using LiteDB;
using LiteDB.Engine;

namespace Fleet.Agent.History;

/// <summary>
/// One file of the history, open: the only place that calls LiteDB. It is opened for a few documents or a question and closed again, which
/// brings LiteDB's log into the file and gives its pages back. Not thread-safe, and one process may have it open for writing.
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    /// <summary>Of the documents. A file of another one is not read: see <see cref="HistoryDamageException"/>.</summary>
    public const int FormatVersion = 1;

    private const string Collection = "attempts";
    private const string VersionPragma = "USER_VERSION";

    private static readonly BsonExpression AttemptId = BsonExpression.Create("{id: $._id}");
    private static readonly BsonExpression ByFinished = BsonExpression.Create("$.finished");
    private static readonly BsonExpression ByPolicy = BsonExpression.Create("$.policy_at");

    private readonly string _path;
    private readonly LiteEngine _engine;
    private readonly Stream?[] _streams;

    static HistoryFile() => LiteFinalizers.Tolerate();

    private HistoryFile(string path, LiteEngine engine, params Stream?[] streams)
    {
        _path = path;
        _engine = engine;
        _streams = streams;
    }

    /// <summary>LiteDB's own log of the file at this path: there while it is open for writing, and after a crash.</summary>
    public static string LogOf(string path) => path[..^HistoryFolder.Extension.Length] + "-log" + HistoryFolder.Extension;

    /// <summary>For reading alone: nothing on disk changes, whatever a crash left.</summary>
    /// <exception cref="HistoryDamageException">Its content cannot be used.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static HistoryFile OpenForReading(string path) => Open(path, readOnly: true);

    /// <summary>Made where it is not there.</summary>
    /// <inheritdoc cref="OpenForReading" path="/exception"/>
    public static HistoryFile OpenForWriting(string path) => Open(path, readOnly: false);

    /// <summary>Adds documents, each a transaction of its own; those whose id is there stay as they are.</summary>
    /// <inheritdoc cref="OpenForReading" path="/exception"/>
    public void Add(IEnumerable<BsonDocument> documents) => Guarded(_path, () =>
    {
        var known = ReadIds();
        foreach (var document in documents.Where(d => known.Add(d[HistoryDocument.Id].AsString)))
        {
            _ = _engine.Insert(Collection, [document], BsonAutoId.ObjectId);
        }

        return true;
    });

    /// <summary>Ids of all documents, from the index alone.</summary>
    /// <inheritdoc cref="OpenForReading" path="/exception"/>
    public HashSet<string> Ids() => Guarded(_path, ReadIds);

    /// <summary>Shows documents, the newest first, until the visitor has enough (false).</summary>
    /// <param name="policy">Only of this one. Null for all.</param>
    /// <inheritdoc cref="OpenForReading" path="/exception"/>
    public void Newest(string? policy, DateTime since, DateTime until, Func<BsonDocument, bool> visitor)
    {
        var query = new Query { OrderBy = policy is null ? ByFinished : ByPolicy, Order = Query.Descending };
        query.Where.Add(policy is null
            ? BsonExpression.Create("$.finished BETWEEN @0 AND @1", new BsonValue(since), new BsonValue(until))
            : BsonExpression.Create(
                "$.policy_at BETWEEN @0 AND @1", HistoryDocument.PolicyKey(policy, since), HistoryDocument.PolicyKey(policy, until)));
        Read(query, visitor);
    }

    /// <summary>Shows every attempt of the runs whose ids begin so.</summary>
    /// <inheritdoc cref="OpenForReading" path="/exception"/>
    public void OfRun(string firstDigits, Action<BsonDocument> visitor)
    {
        var query = new Query();

        // 'g' lies behind every digit, and behind the '/' before the attempt.
        query.Where.Add(BsonExpression.Create("$._id BETWEEN @0 AND @1", new BsonValue(firstDigits), new BsonValue($"{firstDigits}g")));
        Read(query, document =>
        {
            visitor(document);
            return true;
        });
    }

    /// <exception cref="IOException">What was added last may be in the log alone, from which the next start takes it.</exception>
    public void Dispose()
    {
        try
        {
            Guarded(_path, () =>
            {
                _engine.Dispose();
                return true;
            });
        }
        finally
        {
            Close(_streams);
        }
    }

    /// <summary>A new file, whole or not at all.</summary>
    /// <inheritdoc cref="OpenForReading" path="/exception"/>
    private static void Make(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var unfinished = Path.Join(folder, "unfinished" + HistoryFolder.Extension);
        File.Delete(unfinished);
        File.Delete(LogOf(unfinished));
        using (var engine = new LiteEngine(new EngineSettings { Filename = unfinished, Collation = Collation.Binary }))
        {
            File.SetUnixFileMode(unfinished, DurableFile.PrivateFile);
            _ = engine.Pragma(VersionPragma, FormatVersion);
            _ = engine.EnsureIndex(Collection, HistoryDocument.Finished, ByFinished, unique: false);
            _ = engine.EnsureIndex(Collection, HistoryDocument.PolicyAt, ByPolicy, unique: false);
        }

        File.Move(unfinished, path);
        DurableFile.SyncFolder(folder);
    }

    private static HistoryFile Open(string path, bool readOnly) => Guarded(path, () =>
    {
        if (!readOnly && !File.Exists(path))
        {
            Make(path);
        }

        var settings = new EngineSettings { Filename = path, ReadOnly = readOnly, Collation = Collation.Binary };
        try
        {
            if (readOnly)
            {
                // Streams that cannot be written: where it meets damage, LiteDB marks the file, read-only or not.
                settings.DataStream = Stream(path);
                settings.LogStream = File.Exists(LogOf(path)) ? Stream(LogOf(path)) : new MemoryStream();
            }

            var engine = new LiteEngine(settings);
            if (engine.Pragma(VersionPragma).RawValue is FormatVersion)
            {
                return new HistoryFile(path, engine, settings.DataStream, settings.LogStream);
            }

            using (engine)
            {
                throw new HistoryDamageException(
                    path, $"its format is {engine.Pragma(VersionPragma).RawValue}, and this agent knows {FormatVersion}", null);
            }
        }
        catch
        {
            Close(settings.DataStream, settings.LogStream);
            throw;
        }
    });

    /// <summary>LiteDB leaves streams open that it was given.</summary>
    private static void Close(params ReadOnlySpan<Stream?> streams)
    {
        foreach (var stream in streams)
        {
            stream?.Dispose();
        }
    }

    private static FileStream Stream(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private HashSet<string> ReadIds()
    {
        HashSet<string> ids = [];
        using var reader = _engine.Query(Collection, new Query { Select = AttemptId });
        while (reader.Read())
        {
            ids.Add(reader.Current["id"].AsString);
        }

        return ids;
    }

    private void Read(Query query, Func<BsonDocument, bool> visitor) => Guarded(_path, () =>
    {
        using var reader = _engine.Query(Collection, query);
        while (reader.Read() && visitor(reader.Current.AsDocument))
        {
        }

        return true;
    });

    /// <summary>
    /// LiteDB meets damage with whatever its parsers throw. What the operating system refuses is none of it, and stays what it is.
    /// </summary>
    private static T Guarded<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not (HistoryDamageException or OperationCanceledException) && !IsRefusal(e))
        {
            throw new HistoryDamageException(path, e.Message, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static bool IsRefusal(Exception e) =>
        e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException
        || (e is IOException and not EndOfStreamException);
}
