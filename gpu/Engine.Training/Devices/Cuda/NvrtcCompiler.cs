using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Training.Devices.Cuda;

/// <summary>A program compiled for CUDA devices.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Compiler">By what, with its version.</param>
/// <param name="Architecture">`sm_90` for machine code of that architecture; `compute_90` for PTX, which the driver compiles further.</param>
/// <param name="Bytes">Machine code (a cubin) or PTX.</param>
/// <param name="Log">What the compiler said beside errors.</param>
/// <param name="Kernels">What the assembler said of each kernel; empty for PTX.</param>
internal sealed record CudaImage(
    string Name, string Compiler, string Architecture, byte[] Bytes, string Log, IReadOnlyDictionary<string, KernelRegisters> Kernels);

/// <summary>CUDA's run-time compiler. It needs no device.</summary>
/// <remarks>SAFETY: the signatures are those of nvrtc.h from CUDA 11.2 on; texts are zero-terminated and pinned during a call. Never unloaded.</remarks>
internal static unsafe class NvrtcCompiler
{
    private const int MaxArchitectures = 256;
    private const int FirstTf32Architecture = 80;

    private static readonly DeviceLibrary s_library = new(
        "NVRTC, CUDA's run-time compiler,",
        "ENGINE_NVRTC",
        ["libnvrtc.so.12", "libnvrtc.so.13", "libnvrtc.so.11.2"],
        "apt-get install libnvrtc11.2 (Debian non-free) or cuda-nvrtc-12-4 (NVIDIA), or pip install nvidia-cuda-nvrtc-cu12",
        ["libnvrtc-builtins.so"]);

    /// <summary>Why there is none and the next step; empty where there is one.</summary>
    public static string Missing()
    {
        try
        {
            _ = s_library.Load();
            return "";
        }
        catch (DeviceException e)
        {
            return e.Message;
        }
    }

    /// <summary>Compiles a program: to machine code where the compiler knows the architecture, else to PTX of the newest that it knows.</summary>
    /// <param name="source">What.</param>
    /// <param name="architecture">For what, e.g. `sm_90`.</param>
    /// <exception cref="DeviceException">There is no compiler, or it found errors.</exception>
    public static CudaImage Compile(KernelSource source, string architecture)
    {
        int wanted = int.Parse(architecture.AsSpan("sm_".Length), NumberStyles.None, CultureInfo.InvariantCulture);
        int known = Architectures().Where(a => a <= wanted).DefaultIfEmpty(0).Max();
        if (known == 0)
        {
            throw new DeviceException($"{Version()} compiles for no architecture up to {architecture}. Next: let ENGINE_NVRTC name an older NVRTC.");
        }

        bool isNative = known == wanted;
        string target = string.Create(CultureInfo.InvariantCulture, $"{(isNative ? "sm" : "compute")}_{known}");
        string[] options =
        [
            "--gpu-architecture=" + target, "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++14",
            .. isNative ? ["--ptxas-options=-v"] : Array.Empty<string>(),
        ];
        string[] facts = ["HAS_FLOAT64", .. known >= FirstTf32Architecture ? ["HAS_TF32"] : Array.Empty<string>()];
        var text = new KernelText(source, "cuda.h", facts);
        nint program = Create(text);
        try
        {
            int status = Build(program, options);
            string log = Encoding.UTF8.GetString(Get(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")).TrimEnd('\0').Trim();
            if (status != 0)
            {
                throw new DeviceException(text.Complaint($"{Version()} ({Words(status)})", log));
            }

            byte[] bytes = isNative ? Get(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN") : Get(program, "nvrtcGetPTXSize", "nvrtcGetPTX");
            return new CudaImage(source.Name, Version(), target, bytes, KernelRegisters.Without(log), KernelRegisters.Read(log));
        }
        finally
        {
            _ = ((delegate* unmanaged[Cdecl]<nint*, int>)s_library.Function("nvrtcDestroyProgram"))(&program);
        }
    }

    private static nint Create(KernelText text)
    {
        var create = (delegate* unmanaged[Cdecl]<nint*, byte*, byte*, int, byte**, byte**, int>)s_library.Function("nvrtcCreateProgram");
        nint program;

        // SAFETY: both texts end with a zero and are pinned; the compiler copies them.
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text.Text + '\0'), name = "kernels.cu\0"u8)
        {
            Check(create(&program, bytes, name, 0, null, null), "giving a program to NVRTC");
        }

        return program;
    }

    private static int Build(nint program, string[] options)
    {
        var compile = (delegate* unmanaged[Cdecl]<nint, int, byte**, int>)s_library.Function("nvrtcCompileProgram");
        byte** list = stackalloc byte*[options.Length];
        try
        {
            for (int i = 0; i < options.Length; i++)
            {
                list[i] = (byte*)Marshal.StringToCoTaskMemUTF8(options[i]);
            }

            return compile(program, options.Length, list);
        }
        finally
        {
            for (int i = 0; i < options.Length; i++)
            {
                Marshal.FreeCoTaskMem((nint)list[i]);
            }
        }
    }

    private static byte[] Get(nint program, string sizeFunction, string function)
    {
        var size = (delegate* unmanaged[Cdecl]<nint, nuint*, int>)s_library.Function(sizeFunction);
        var get = (delegate* unmanaged[Cdecl]<nint, byte*, int>)s_library.Function(function);
        nuint length;
        Check(size(program, &length), sizeFunction);
        byte[] bytes = new byte[checked((int)length)];
        fixed (byte* pointer = bytes)
        {
            Check(length == 0 ? 0 : get(program, pointer), function);
        }

        return bytes;
    }

    private static int[] Architectures()
    {
        var count = (delegate* unmanaged[Cdecl]<int*, int>)s_library.Function("nvrtcGetNumSupportedArchs");
        var get = (delegate* unmanaged[Cdecl]<int*, int>)s_library.Function("nvrtcGetSupportedArchs");
        int* list = stackalloc int[MaxArchitectures];
        int length;
        Check(count(&length), "nvrtcGetNumSupportedArchs");
        if (length is < 0 or > MaxArchitectures)
        {
            throw new DeviceException($"{Version()} says that it knows {length} architectures; at most {MaxArchitectures} are expected.");
        }

        Check(get(list), "nvrtcGetSupportedArchs");
        return new ReadOnlySpan<int>(list, length).ToArray();
    }

    private static string Version()
    {
        int major, minor;
        Check(((delegate* unmanaged[Cdecl]<int*, int*, int>)s_library.Function("nvrtcVersion"))(&major, &minor), "nvrtcVersion");
        return string.Create(CultureInfo.InvariantCulture, $"NVRTC {major}.{minor}");
    }

    private static void Check(int status, string what)
    {
        if (status != 0)
        {
            throw new DeviceException($"{what}: {Words(status)}");
        }
    }

    private static string Words(int status) =>
        Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<int, byte*>)s_library.Function("nvrtcGetErrorString"))(status)) ?? "";
}
