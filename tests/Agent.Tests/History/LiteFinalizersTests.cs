using System.Runtime.CompilerServices;
using Fleet.Agent.History;
using LiteDB;

namespace Fleet.Agent.Tests.History;

public sealed class LiteFinalizersTests
{
    private static int _finalized;

    /// <summary>If it were not tolerated, the whole test process would end here.</summary>
    [Fact]
    public void Finalizer_ThatThrowsAsLiteDbs_EndsNothing()
    {
        LiteFinalizers.Tolerate();
        Leave();

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Equal(1, Volatile.Read(ref _finalized));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leave() => _ = new Left();

    private sealed class Left
    {
        ~Left()
        {
            Volatile.Write(ref _finalized, 1);
            throw new LiteException(0, "discarded page must be writable");
        }
    }
}
