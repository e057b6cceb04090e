using Engine.Inference;

namespace Engine.Tests.Inference;

public class KernelChoiceTests
{
    [Test]
    public void The_default_is_the_best_that_runs_here()
    {
        Assert.That(KernelChoice.Select(null), Is.EqualTo(KernelChoice.Supported.Max()));
        Assert.That(KernelChoice.Select(string.Empty), Is.EqualTo(KernelChoice.Best));
        Assert.That(KernelChoice.CpuBest, Is.GreaterThanOrEqualTo(KernelChoice.Best));
    }

    [Test]
    public void Every_supported_kernel_can_be_forced()
    {
        foreach (Kernel kernel in KernelChoice.Supported)
        {
            Assert.That(KernelChoice.Select(KernelChoice.Name(kernel)), Is.EqualTo(kernel));
        }
    }

    [TestCase("neon")]
    [TestCase("AVX2")]
    [TestCase("avx-512")]
    public void An_unknown_name_is_an_error(string name) =>
        Assert.That(() => KernelChoice.Select(name), Throws.TypeOf<KernelUnavailableException>().With.Message.Contains(name));

    [Test]
    public void A_kernel_that_cannot_run_is_an_error_and_no_fallback()
    {
        // On a machine that runs every kernel there is nothing to refuse.
        foreach (Kernel kernel in Enum.GetValues<Kernel>().Except(KernelChoice.Supported))
        {
            Assert.That(() => KernelChoice.Select(KernelChoice.Name(kernel)), Throws.TypeOf<KernelUnavailableException>());
        }
    }
}
