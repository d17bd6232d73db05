using System.Net;
using Fleet.Coordinator.Limits;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Limits how often an address may call without an identity. There is a bucket of calls and a bucket of failures per address (per /64 with
/// IPv6, which one machine has to itself). Memory is bounded: if there are too many addresses, strangers share one bucket.
/// </summary>
internal sealed class AttemptLimiter(TimeProvider clock)
{
    /// <summary>Enough for a whole rack to enrol at once from one address, too little for guessing.</summary>
    public const int CallBurst = 2_000;
    public const double CallsPerSecond = 100;
    public const int FailureBurst = 20;
    public const double FailuresPerSecond = 0.2;
    public const int MaxAddresses = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Bucket _shared = new();

    /// <summary>Takes one call from the budget. False if there were too many calls, or too many failures, from that address.</summary>
    public bool TryCall(IPAddress? address)
    {
        lock (_gate)
        {
            var bucket = BucketOf(address);
            if (bucket.Calls < 1 || bucket.Failures < 1)
            {
                return false;
            }

            bucket.Calls--;
            return true;
        }
    }

    /// <summary>Notes that a call failed because of what the caller sent.</summary>
    public void Failed(IPAddress? address)
    {
        lock (_gate)
        {
            var bucket = BucketOf(address);
            bucket.Failures = Math.Max(0, bucket.Failures - 1);
        }
    }

    private Bucket BucketOf(IPAddress? address)
    {
        var now = clock.GetTimestamp();
        var key = AddressKey.Of(address);
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            if (_buckets.Count >= MaxAddresses)
            {
                ForgetFull(now);
            }

            if (_buckets.Count >= MaxAddresses)
            {
                bucket = _shared;
            }
            else
            {
                _buckets[key] = bucket = new Bucket { At = now };
            }
        }

        Refill(bucket, now);
        return bucket;
    }

    /// <summary>A full bucket equals no bucket.</summary>
    private void ForgetFull(long now)
    {
        foreach (var (key, bucket) in _buckets)
        {
            Refill(bucket, now);
            if (bucket.Calls >= CallBurst && bucket.Failures >= FailureBurst)
            {
                _buckets.Remove(key);
            }
        }
    }

    private void Refill(Bucket bucket, long now)
    {
        var seconds = clock.GetElapsedTime(bucket.At, now).TotalSeconds;
        bucket.At = now;
        bucket.Calls = Math.Min(CallBurst, bucket.Calls + (seconds * CallsPerSecond));
        bucket.Failures = Math.Min(FailureBurst, bucket.Failures + (seconds * FailuresPerSecond));
    }

    private sealed class Bucket
    {
        public double Calls { get; set; } = CallBurst;

        public double Failures { get; set; } = FailureBurst;

        public long At { get; set; }
    }
}
