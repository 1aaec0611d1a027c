"""Discrete Fourier transforms: padded, cropped, of odd and even lengths, in every norm and along every axis."""

from sweep.case import cases

NORMS = [None, "backward", "ortho", "forward"]
LINES = [((5,),), ((2, 3),), ((1,),), ((2, 1),), ((0, 2),)]
CUBE = [((2, 3, 4),)]
TO_COMPLEX, OF_COMPLEX, OF_REAL = ("fft", "ifft"), ("hfft", "irfft"), ("rfft", "ihfft")

CASES = [
    *(
        case
        for name in (*TO_COMPLEX, *OF_COMPLEX)
        for case in (
            *cases(f"np.fft.{name}(x, n={{n}}, norm={{norm}})", [((5,),)], complex=True, n=[None, 3, 4, 8], norm=NORMS),
            *cases(f"np.fft.{name}(x, axis={{axis}})", CUBE, complex=True, axis=[0, 1, -1, -2]),
            *cases(f"np.fft.{name}(x, {{n}}, {{axis}})", CUBE, complex=True, n=[1, 2, 3, 5], axis=[0, -1]),
            *cases(f"np.fft.{name}(x, n=4)", LINES, complex=True),
            *cases(f"np.fft.{name}(x)", [((4,),), ((2, 3),)]),
        )
    ),
    *(
        case
        for name in OF_REAL
        for case in (
            *cases(f"np.fft.{name}(x, n={{n}}, norm={{norm}})", [((5,),)], n=[None, 3, 4, 8], norm=NORMS),
            *cases(f"np.fft.{name}(x, axis={{axis}})", CUBE, axis=[0, 1, -1, -2]),
            *cases(f"np.fft.{name}(x, {{n}}, {{axis}})", CUBE, n=[1, 2, 3, 5], axis=[0, -1]),
            *cases(f"np.fft.{name}(x)", LINES),
        )
    ),
    *(
        case
        for name, real in (("fft", False), ("ifft", False), ("rfft", True), ("irfft", False))
        for case in (
            *cases(f"np.fft.{name}2(x, norm={{norm}})", CUBE, complex=not real, norm=["ortho", "forward"]),
            *cases(f"np.fft.{name}2(x, s={{s}})", CUBE, complex=not real, s=[(2, 5), (4, 3), (-1, 3)]),
            *cases(f"np.fft.{name}2(x, axes={{axes}})", CUBE, complex=not real, axes=[(0, 1), (1, 0), (-1, 0)]),
            *cases(f"np.fft.{name}n(x, norm={{norm}})", [((3, 2),), ((4,),)], complex=not real, norm=NORMS),
            *cases(f"np.fft.{name}n(x, axes={{axes}})", CUBE, complex=not real, axes=[None, (1,), (0, 2), (2, 0, 1)]),
            *cases(f"np.fft.{name}n(x, {{s}}, {{axes}})", CUBE, complex=not real, s=[(3, 2), (1, 4)], axes=[(0, 2)]),
            *cases(f"np.fft.{name}n(x, {{s}}, {{axes}})", CUBE, complex=not real, s=[None, (4, 5)], axes=[(1, 1)]),
        )
    ),
    *cases("np.fft.fftshift(x, {axes})", [((2, 3),), ((4, 5),)], axes=[None, 0, -1, (0, 1), [1]]),
    *cases("np.fft.ifftshift(x, {axes})", [((2, 3),), ((4, 5),)], axes=[None, 0, -1, (0, 1), [1]]),
    *cases("np.fft.fftshift(np.fft.fft(x))", [((5,),)], complex=True),
    *cases("np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y, 5), 5)", [((5,), (3,)), ((2, 5), (4,))]),
    *cases("np.abs(np.fft.rfft2(x)) ** 2", [((3, 4),)]),
]
