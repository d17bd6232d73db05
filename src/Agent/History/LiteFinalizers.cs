using System.Runtime.ExceptionServices;
using LiteDB;

namespace Fleet.Agent.History;

/// <summary>
/// Keeps a defect of LiteDB 5.0.21 from ending the agent: where it met damage or a full disk in the middle of a write, the finalizer of its
/// transaction throws later ("discarded page must be writable"), which ends a process. What went wrong was reported when it did, and the
/// file is set aside by then.
/// </summary>
internal static class LiteFinalizers
{
    private static int _tolerated;

    /// <summary>Once for the process, before LiteDB is used.</summary>
    public static void Tolerate()
    {
        if (Interlocked.Exchange(ref _tolerated, 1) == 0)
        {
            ExceptionHandling.SetUnhandledExceptionHandler(IsLiteDbs);
        }
    }

    private static bool IsLiteDbs(Exception exception) =>
        exception is LiteException
            || exception.StackTrace?.Contains("LiteDB.Engine.TransactionService.Finalize", StringComparison.Ordinal) == true;
}
